"""Every composition the sample can photograph, one function each, grouped by where you stand."""

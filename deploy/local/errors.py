"""What can go wrong around the local parts, each with a sentence that says what to do next.

LocalPartsError
├── MissingToolError        something that must be installed first
├── DownloadError           the network did not give what a part needs
├── AlreadyRunningError     a second run in the same folder
├── FolderError             the folder cannot be used by this account
├── SettingError            an environment variable that contradicts the others
└── PartFailedError         a part that did not stay up
"""


class LocalPartsError(Exception):
    """Anything that keeps the local parts from running; its text is for the person who ran them."""


class MissingToolError(LocalPartsError):
    """A program that the local parts need is not installed or is too old."""


class DownloadError(LocalPartsError):
    """A download failed more often than we try."""


class AlreadyRunningError(LocalPartsError):
    """Another run holds this folder."""


class FolderError(LocalPartsError):
    """The folder of the local parts cannot be read or written."""


class SettingError(LocalPartsError):
    """What was given by environment is incomplete."""


class PartFailedError(LocalPartsError):
    """A part crashed too often or did not become ready in time."""

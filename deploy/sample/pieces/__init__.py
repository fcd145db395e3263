"""What scenes are put together from: buildings, water, lights, people, glasses and bicycles."""

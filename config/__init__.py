"""Settings, value sets, catalogues, clock and logging: what every other package may read. It knows none of them."""

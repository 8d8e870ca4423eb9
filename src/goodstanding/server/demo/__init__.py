"""The demonstration: the whole loop over a made-up or a real marketplace, then the pages."""

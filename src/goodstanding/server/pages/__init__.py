"""What the pages of portal and console share: who asks, words, dates, plots, errors. Doors import it; it imports no door."""

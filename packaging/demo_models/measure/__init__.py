"""The figures on the cards: each in its own module, all on pictures that no recipe trains on."""

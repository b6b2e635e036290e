"""How many times as many weights one model has as another."""

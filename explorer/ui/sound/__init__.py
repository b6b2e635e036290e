"""Sound out and in: a player, a recorder, and the row of buttons in front of them."""

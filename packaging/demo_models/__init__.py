"""The demo models: a drawn picture world with known answers, small networks, and the recipes that train them."""

"""Pictures made to excite a channel, a cell, a class or a direction among channels."""

"""The stock hook adds decoders of pictures with their libraries; Pillow reads the pictures here."""

hiddenimports: list[str] = []

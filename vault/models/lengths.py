"""How many characters the columns hold that several tables share."""

ID_LENGTH = 26
DIGEST = 64
ADDRESS = 320
PERSON = 64

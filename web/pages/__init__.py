"""What all pages share, for the council's people and for recipients: the frame, forms, error pages, style."""

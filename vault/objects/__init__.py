"""Where sealed files are kept: one small port, a folder and an S3 bucket behind it, one contract suite for both."""

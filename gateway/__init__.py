"""The relay process: it takes mail in, has it decided, and hands on what may leave."""

"""What `make demo` shows: invented people, their documents, a dozen mails and more through the real relay."""

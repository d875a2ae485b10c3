"""What `make demo` shows: invented people, their documents, mails through the real relay."""

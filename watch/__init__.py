"""What is seen of Sallyport from outside: metrics, health, traces. Never a name, an address or a word."""

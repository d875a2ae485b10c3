"""What ``sallyport check`` looks at: a function a part, which gives its lines."""

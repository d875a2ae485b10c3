"""Writing in pictures: Tesseract, and the judgement whether it read all there is. See docs/ocr.md."""

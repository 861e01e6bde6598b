"""Draw the line of text that the example reads: line.pgm (needs pillow, and matplotlib's font)."""

from pathlib import Path

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

TEXT = "Apus reads this line: 14 nm & 7 nm"

font = ImageFont.truetype(font_manager.findfont("DejaVu Serif"), 30)
image = Image.new("L", (round(font.getlength(TEXT)) + 24, 48), 235)
ImageDraw.Draw(image).text((12, 5), TEXT, fill=25, font=font)
image.save(Path(__file__).with_name("line.pgm"))

"""Pictures drawn when the site is made: SVG with its words in it, in the colours of the style sheet."""

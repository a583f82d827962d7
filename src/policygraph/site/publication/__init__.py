"""Keep a folder that a site is published to: what it holds from the publication before, and its replacement.

`memory` tells whether a folder is a publication of ours, still as it was written, and what each document was
made of; `replacement` puts a new folder in the place of an old one, as a whole.
"""

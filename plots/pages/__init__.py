"""Pages in HTML: their assembly, and the files of which they are made.

A page is one file that needs nothing from elsewhere: its scripts, styles and data stand in it, and its policy allows
nothing else. `page.css` has the colours and the basic style of all pages; the folders `replay` and `report` have what
belongs to one kind of page.

* `assembly`: a page of its parts: the policy, the escapes, and where each part stands.
"""

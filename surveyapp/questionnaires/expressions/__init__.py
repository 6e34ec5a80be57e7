"""One expression language: XForms XPath as ODK Collect evaluates it.

Text is parsed once into JSON trees, at publishing; evaluators compile the same trees to closures.
"""

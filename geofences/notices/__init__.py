"""Notices: the book of those in force, their life, how many a control zone takes."""

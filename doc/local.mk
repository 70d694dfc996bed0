# man pages and developer documents
dist_man_MANS += %D%/jobdeck.1
EXTRA_DIST += %D%/architecture.md %D%/coding.md %D%/semantics.md

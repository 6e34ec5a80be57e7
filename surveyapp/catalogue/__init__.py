"""Which questionnaires are published, in which versions, and who may answer them."""

"""The effects of calls to code whose source is not analysed, by the tables of looplint.knowledge."""

"""The settings of a project: configuration files, selected rules, files to check."""

"""Lets `./pants package` write what an `adhoc_tool` made, which this Pants hands to other targets only."""

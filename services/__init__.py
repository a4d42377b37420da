"""The running hub: one runtime, four services that share it, and the command line on top."""

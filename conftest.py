"""Load the plugins of the rig and of its reports, so that plans run from a plain checkout too."""

pytest_plugins = ["rig.plugin", "reports.plugin", "pytester"]

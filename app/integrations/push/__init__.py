"""Notices on telephones and in browsers: kept on this machine, or through Firebase (FCM)."""

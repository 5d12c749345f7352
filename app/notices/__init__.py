"""What senders are told of what is done to them, and whom alarms are told to."""

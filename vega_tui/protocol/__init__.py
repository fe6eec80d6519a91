"""The wire between faces and host: frames, operations with typed parameters and results, rows of the snapshot."""

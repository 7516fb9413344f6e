#!/bin/sh
# Nothing here yet.
# Ask Ada.

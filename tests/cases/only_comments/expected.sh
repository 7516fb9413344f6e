#!/bin/sh
# Nothing here yet.
# Ask Grace.

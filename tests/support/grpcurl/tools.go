//go:build tools

// Package tools pins the programs that tests use: go.sum holds a hash of every module that they are built from.
package tools

import _ "github.com/fullstorydev/grpcurl/cmd/grpcurl"

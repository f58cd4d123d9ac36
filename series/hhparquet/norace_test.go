//go:build !race

package hhparquet_test

const raced = false

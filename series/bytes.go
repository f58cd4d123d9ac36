package series

import "unsafe"

// The package's only unsafe code: marks and bytes are the same memory.

func marksOf(b []byte) []Mark {
	return unsafe.Slice((*Mark)(unsafe.SliceData(b)), len(b))
}

func bytesOf(m []Mark) []byte {
	return unsafe.Slice((*byte)(unsafe.SliceData(m)), len(m))
}

func addressOf(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

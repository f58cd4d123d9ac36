// Package hhparquet keeps cubes in Parquet: meter readings, market lines or
// charges, by run. One file is one cube.
//
//	row group   page      page      page
//	            April     May       June …        a column chunk
//	run II      ▓▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓▓     of each of
//	run SF      ▓▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓▓ ░░░░░░░░░     run start day period
//	run R1      ▓▓▓▓▓▓▓▓▓ ░░░░░░░░░ ░░░░░░░░░     AI AI_mark AE AE_mark …
//	metadata    version, lines, units, scales, MPAN, span, runs,
//	            and which run holds which days
//
// A row group is a run, so a run that does not speak is never touched; a column
// is a line, so a line that is not wanted is not either; a page is a month, so a
// reader of the latest decodes of each run only the months in which it may
// speak. A cell without a value is null, never zero.
//
// # The one trap
//
// Parquet has no checksum that readers look at, and a file with a flipped bit is
// mostly a good file with other numbers. So every page here is a zstd frame with
// a checksum, and every delivery has a [Manifest], written last, with the SHA-256
// of each file: [Reader.Load] with its [Sum] looks at no byte before all of them
// are the right ones. Without it, bits between the pages can still lie.
//
// # What is whose
//
// The container is written by the library's page writer and metadata, and each
// written file is read back by the library's column readers. Pages are encoded
// and read by this package. It takes exactly what it writes: version 1, zstd,
// one encoding for each column, the pages the span asks for, and no byte
// more. What it believes of a file is bounded before it is believed, so a
// hostile file costs its own length, its metadata once or a few times more, some
// hundreds of kilobytes, a byte for each day of each source and run that its
// metadata spells out, and an error.
//
// # Errors
//
// Errors are *series.Error: ErrDigest (not the file the manifest names),
// ErrVersion, series.ErrFormat (damage), series.ErrSchema (other lines),
// series.ErrLimit. A writer's are ErrReadBack, series.ErrValue, series.ErrEmpty
// and what its sink says.
//
// The format is in docs/format/hhparquet.md, how it was chosen in
// docs/decisions/0014-parquet.md.
package hhparquet

// Package hhparquet keeps cubes in Parquet: meter readings, market lines or
// charges, by run. One file is one cube.
//
//	row group   page      page      page
//	            April     May       June …        a column chunk
//	run II      ▓▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓▓     of each of
//	run SF      ▓▓▓▓▓▓▓▓▓ ▓▓▓▓▓▓▓▓▓ ░░░░░░░░░     run start day period
//	run R1      ▓▓▓▓▓▓▓▓▓ ░░░░░░░░░ ░░░░░░░░░     AI AI_mark AE AE_mark …
//	metadata    version, lines, units, scales, MPAN, span, runs,
//	            which run holds which days, digests of months
//
// A row group is a run, so a run that does not speak is never touched; a column
// is a line, so a line that is not wanted is not either; a page is a month, so a
// reader of the latest decodes of each run only the months in which it may
// speak. A cell without a value is null, never zero.
//
// # The one trap
//
// Parquet has no checksum that readers look at, and a file with a flipped bit is
// mostly a good file with other numbers. So the metadata has a SHA-256 of each part,
// which is a month of a run, and every delivery has a [Manifest], written last, with
// the SHA-256 of each file and of its tail, where the metadata is. [Reader.Load] with
// its [Sum] parses no metadata before it is the right one, and [Reader.Into] nothing of
// a part before it is. What is not wanted is not hashed. Without a sum the metadata is
// guarded by a CRC-32C alone.
//
// # What is whose
//
// The container is written by the library's page writer and metadata, and each
// written file is read back by the library's column readers. Pages are encoded
// and read by this package. It takes exactly what it writes: version 2, zstd,
// one encoding for each column, the pages the span asks for, and no byte
// more. What it believes of a file is bounded before it is believed, so a
// hostile file costs its own length, its metadata once or a few times more, some
// hundreds of kilobytes, a byte for each day of each source and run that its
// metadata spells out, and an error.
//
// # Errors
//
// Errors are *series.Error: ErrDigest (other bytes than those a digest is of, the
// manifest's or the metadata's), ErrVersion, series.ErrFormat (damage),
// series.ErrSchema (other lines), series.ErrLimit. A writer's are ErrReadBack,
// series.ErrValue, series.ErrEmpty and what its sink says.
//
// The format is in docs/format/hhparquet.md, how it was chosen in
// docs/decisions/0014-parquet.md.
package hhparquet

package dtc

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/halfhour/halfhour/series"
)

// envelope is one of the two ways a flow is wrapped. Their headers have the
// same fields.
type envelope struct {
	code    string
	trailer string // the fields of ZPT
	fields  int    // how many
	count   int    // which one is the count
	outside int    // how many of header and trailer the count leaves out
}

var envelopes = [...]envelope{
	{code: "ZHV", trailer: "ZPT|FileId|Groups|Checksum|Flows|Created|", fields: 6, count: 2, outside: 2},
	{code: "ZHD", trailer: "ZPT|Records|Checksum", fields: 3, count: 1, outside: 0},
}

// Fields of a header.
const (
	headerID     = 1
	headerFlow   = 2
	headerTest   = 11
	headerFields = 12
	headerLayout = "ZHV|FileId|FlowVersion|FromRole|FromId|ToRole|ToId|Created|SendApp|RecvApp|Broadcast|TestFlag|"
)

// trailerID is the field of a ZHV file's ZPT that repeats the file id.
const trailerID = 1

// header reads the first line. Without a good one nothing after it means
// anything, so any error stops.
func (r *reader) header() bool {
	r.lines.skipMark()
	line, err := r.lines.next()
	switch {
	case err == io.EOF:
		r.failWith(&series.Error{
			Pos:  series.Pos{Source: r.name},
			Want: "a D0036 or D0379 flow: the file is empty; ask for it again",
			Err:  series.ErrEmpty,
		})
		return false
	case err == errLong:
		r.failLong()
		return false
	case err != nil && err != errCut:
		r.failRead(err)
		return false
	}
	if bad := r.rec.cut(line); bad >= 0 {
		r.failByte(bad)
		return false
	}
	for i := range envelopes {
		if string(r.rec.field(0)) == envelopes[i].code {
			r.env = &envelopes[i]
		}
	}
	switch {
	case r.env == nil:
		r.failField(0, "a ZHV or ZHD header as the first record: is this a flow of the Data Transfer Catalogue, and whole?", series.ErrFormat)
	case err == errCut:
		r.failCut(err)
	case !r.rec.has(headerFields):
		r.failFields(headerFields, headerLayout)
	case r.env.outside > 0 && len(r.rec.field(headerID)) == 0:
		r.failField(headerID, "a file id in a ZHV header: its trailer has to repeat it", series.ErrValue)
	case !r.findFlow():
		r.failField(headerFlow, "D0036 or D0379, each with a version of three digits: no other flow is read here", series.ErrFormat)
	case string(r.rec.field(headerTest)) != "OPER" && !r.opt.Test:
		r.failField(headerTest, "test flag OPER: this is a test file, and nothing in it is billed: ask for the operational one (programs: Options.Test takes it)", series.ErrValue)
	default:
		r.id = bytes.Clone(r.rec.field(headerID))
		return true
	}
	return false
}

// findFlow sets the flow the header names.
func (r *reader) findFlow() bool {
	f := r.rec.field(headerFlow)
	const name, version = len("D0036"), len("001")
	if len(f) != name+version || !isDigits(f[name:]) {
		return false
	}
	for i := range flows {
		if string(f[:name]) == flows[i].name {
			r.flow = &flows[i]
		}
	}
	return r.flow != nil
}

// trailer ends the last meter and checks the ZPT record. It says whether to
// look at what follows.
func (r *reader) trailer() bool {
	if !r.endMeter() {
		return false
	}
	// ZHD has no pipe at the end, so an empty checksum looks like one.
	emptySum := r.env.outside == 0 && r.rec.n == r.env.fields
	if !r.rec.has(r.env.fields) && !emptySum {
		return r.failFields(r.env.fields, r.env.trailer)
	}
	if r.env.outside > 0 && !bytes.Equal(r.rec.field(trailerID), r.id) {
		if !r.failField(trailerID, fmt.Sprintf("%q, the file id of the header: the trailer belongs to another file", r.id), series.ErrFormat) {
			return false
		}
	}
	if !r.opt.AnyCount && !r.checkCount() {
		return false
	}
	if !r.yielded && r.errs == 0 {
		return r.fail(r.lines.n, 0, nil, "at least one "+r.flow.meter+" group: the file holds no meter", series.ErrEmpty)
	}
	return true
}

// checkCount holds the trailer's count against the lines: every line is a
// record, and this one is the last.
func (r *reader) checkCount() bool {
	want := r.lines.n - r.env.outside
	f := r.rec.field(r.env.count)
	if len(f) == 0 || len(f) > 18 || !isDigits(f) {
		return r.failField(r.env.count, fmt.Sprintf("the number of records, %d", want), series.ErrValue)
	}
	if stated, _ := strconv.Atoi(string(f)); stated != want {
		what := "the number of records with header and trailer"
		if r.env.outside > 0 {
			what = "the number of groups between header and trailer"
		}
		return r.failField(r.env.count, fmt.Sprintf(
			"%d, %s: records were lost or added, or the writer miscounts: ask for the file again (programs: Options.AnyCount takes any)", want, what),
			series.ErrCount)
	}
	return true
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

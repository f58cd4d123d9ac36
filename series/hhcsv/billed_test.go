package hhcsv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

func readBilled(text string) (got []series.Billed, errs []error) {
	for b, err := range hhcsv.ReadBilled("f", series.OpenBytes([]byte(text))) {
		if err != nil {
			errs = append(errs, err)
		} else {
			got = append(got, b)
		}
	}
	return got, errs
}

// billedText is rows as "2: duos-red 2025-12-01 2025-12-02 5.0 -".
func billedText(got []series.Billed) string {
	figure := func(p series.Printed) string {
		if !p.Stated {
			return "-"
		}
		return fmt.Sprintf("%d/%d", p.Value, p.Decimals)
	}
	var out []string
	for _, b := range got {
		out = append(out, fmt.Sprintf("%d: %s %s %s %s %s", b.Pos.Line, b.Item, b.From, b.To, figure(b.Quantity), figure(b.Amount)))
	}
	return strings.Join(out, "\n")
}

func TestReadBilled(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"both figures", "from,to,item,quantity,amount\n2025-12-01,2026-01-01,duos-red,5760.0,94.58\n",
			"2: duos-red 2025-12-01 2026-01-01 5760000000/1 94580000/2"},
		{"any order and case, bom, crlf, quotes, sep, blank lines", "\ufeffsep=,\r\n\"Amount\",ITEM,to,From\r\n\r\n\"-1.5\",rcrc,2025-12-05,2025-12-04\r\n",
			"4: rcrc 2025-12-04 2025-12-05 - -1500000/2"},
		{"one figure empty; money has pennies", "from,to,item,quantity,amount\n2025-12-01,2025-12-02,msp,120,\n2025-12-01,2025-12-02,vat,,7\n2025-12-02,2025-12-03,vat,,0.000001\n",
			"2: msp 2025-12-01 2025-12-02 120000000/0 -\n3: vat 2025-12-01 2025-12-02 - 7000000/2\n4: vat 2025-12-02 2025-12-03 - 1/6"},
		{"quantities only", "from,to,item,quantity\n2025-12-01,2025-12-02,nbp,1.230\n", "2: nbp 2025-12-01 2025-12-02 1230000/3 -"},
	} {
		got, errs := readBilled(c.text)
		if len(errs) > 0 || billedText(got) != c.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, errs, billedText(got), c.want)
		}
	}
}

func TestReadBilledRefuses(t *testing.T) {
	const head = "from,to,item,quantity,amount\n"
	for _, c := range []struct {
		name, text string
		err        error
		words      []string
	}{
		{"empty", "", series.ErrEmpty, []string{"f: "}},
		{"headings only", head, series.ErrEmpty, []string{"right file"}},
		{"no item", "from,to,amount\n", series.ErrFormat, []string{"f:1", "headed from, to, item"}},
		{"no figure", "from,to,item\n", series.ErrFormat, []string{"at least one of quantity and amount"}},
		{"another heading", "from,to,item,amount,run\n", series.ErrFormat, []string{"f:1:21", `"run"`, "remove the column"}},
		{"a heading twice", "from,to,item,amount,To\n", series.ErrFormat, []string{"each heading once"}},
		{"bad date", head + "01/12/2025,2025-12-02,vat,,1\n", series.ErrValue, []string{"f:2:1", "YYYY-MM-DD", `column "from"`}},
		{"bad date", head + "2025-12-01,2025-12-32,vat,,1\n", settlement.ErrDay, []string{"f:2:12"}},
		{"to included", head + "2025-12-01,2025-12-01,vat,,1\n", series.ErrValue, []string{"f:2:12", "first day no longer in the row"}},
		{"backwards", head + "2025-12-02,2025-12-01,vat,,1\n", series.ErrValue, []string{"a day after 2025-12-02"}},
		{"too long", head + "2025-01-01,2026-12-01,vat,,1\n", series.ErrValue, []string{"at most 400 days", "699"}},
		{"no item", head + "2025-12-01,2025-12-02,,,1\n", series.ErrValue, []string{"f:2:23", "standard name"}},
		{"no figure", head + "2025-12-01,2025-12-02,vat,,\n", series.ErrFormat, []string{"f:2", "left out"}},
		{"pounds sign", head + "2025-12-01,2025-12-02,vat,,£1\n", series.ErrValue, []string{"f:2:28", "plain decimal"}},
		{"thousands", head + "2025-12-01,2025-12-02,vat,,\"1,000.00\"\n", series.ErrValue, []string{"plain decimal"}},
		{"an exponent", head + "2025-12-01,2025-12-02,vat,,1e3\n", series.ErrValue, []string{"plain decimal"}},
		{"seven decimals", head + "2025-12-01,2025-12-02,vat,,1.0000000\n", series.ErrValue, []string{"at most 6 decimals"}},
		{"too large", head + "2025-12-01,2025-12-02,msp,9999999999999,\n", series.ErrValue, []string{"12 digits"}},
		{"again", head + "2025-12-01,2025-12-02,vat,,1\n2025-12-01,2025-12-02,vat,,2\n", series.ErrFormat, []string{"f:3:23", "line 2", "add the figures up"}},
		{"a field short", head + "2025-12-01,2025-12-02,vat,1\n", series.ErrFormat, []string{"5 fields", "not 4"}},
		{"cut short", head + "2025-12-01,2025-12-02,vat,,1", series.ErrFormat, []string{"f:2", "line end"}},
	} {
		got, errs := readBilled(c.text)
		if len(errs) != 1 || !errors.Is(errs[0], c.err) || c.name != "again" && len(got) > 0 {
			t.Errorf("%s: %v, %v", c.name, got, errs)
			continue
		}
		for _, w := range c.words {
			if !strings.Contains(errs[0].Error(), w) {
				t.Errorf("%s: the message lacks %q: %v", c.name, w, errs[0])
			}
		}
	}
}

// TestReadBilledLimits: errors and rows are bounded, and a consumer may stop.
func TestReadBilledLimits(t *testing.T) {
	const head = "from,to,item,amount\n"
	_, errs := readBilled(head + strings.Repeat("x,2025-12-02,vat,1\n", series.MaxErrors))
	if len(errs) != series.MaxErrors || errors.Is(errs[series.MaxErrors-1], series.ErrLimit) {
		t.Errorf("%d errors, and there are no more", len(errs))
	}
	_, errs = readBilled(head + strings.Repeat("x,2025-12-02,vat,1\n", 50))
	if len(errs) != series.MaxErrors+1 || !errors.Is(errs[series.MaxErrors], series.ErrLimit) {
		t.Errorf("%d errors", len(errs))
	}
	var many strings.Builder
	many.WriteString(head)
	for i := range 20_002 {
		fmt.Fprintf(&many, "2025-12-01,2025-12-02,i%d,1\n", i)
	}
	got, errs := readBilled(many.String())
	if len(got) != 20_000 || len(errs) != 1 || !errors.Is(errs[0], series.ErrLimit) {
		t.Errorf("%d rows, %v", len(got), errs)
	}
	for range hhcsv.ReadBilled("f", series.OpenBytes([]byte(many.String()))) {
		break
	}
}

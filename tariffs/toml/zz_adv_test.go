package toml_test
import ("testing";"time";"strings";"fmt";"github.com/halfhour/halfhour/tariffs/toml")
func TestAdv(t *testing.T){
 for n,s:=range map[string]string{
  "dots":"version=1\n"+strings.Repeat("a.",500000)+"a=1",
  "brackets":"version=1\na="+strings.Repeat("[",1000000),
  "curly":"version=1\na="+strings.Repeat("{a=",300000),
  "tables":strings.Repeat("[[rate]]\n",100000),
  "emptyarr":"rate=["+strings.Repeat("{},",300000)+"]",
  "keys":func()string{var b strings.Builder;for i:=0;i<90000;i++{fmt.Fprintf(&b,"k%d=1\n",i)};return b.String()}(),
  "nl":strings.Repeat("\n",1<<20),
  "bigitems":head+"[[rate]]\nitems=["+strings.Repeat("\"x\",",200000)+"]\n",
  "windows":func()string{var b strings.Builder;b.WriteString(head+"[window]\n");for i:=0;i<256;i++{fmt.Fprintf(&b,"w%d=[\"",i);for m:=0;m<48;m++{h:=m/2;e:=m+1;fmt.Fprintf(&b," %02d:%02d-%02d:%02d",h,m%2*30,e/2,e%2*30)};b.WriteString("\"]\n")};b.WriteString(vat);return b.String()}(),
  "rates":head+strings.Repeat(vat,10000),
  "bom":"\ufeff"+head+vat, "crlf":strings.ReplaceAll(head+vat,"\n","\r\n"), "empty":"", "utf8":"version=1\nname=\"\xff\"\n", "nul":"a=1\x00",
 }{ t0:=time.Now(); _,err:=toml.ParseTariff("t",[]byte(s)); m:=fmt.Sprint(err); if len(m)>160{m=m[:160]}; t.Log(n,len(s),time.Since(t0),m)}
}

"""ad hoc"""
import listed, nameserver, registry_site, subprocess
VK = "176.112.169.218"
class Explain(registry_site.Site):
    origins = {**registry_site.ORIGINS, "176.112.168.0/22": "47764 | 176.112.168.0/22 | RU | ripencc | 2011-09-14"}
    as_names = {**registry_site.AS_NAMES, 47764: "47764 | RU | ripencc | 2008-10-07 | VK-AS, RU"}
    others = {"112.176.in-addr.arpa": "218.169 PTR rimap26.i.mail.ru.", "ip6.arpa": "", "mail.ru": f"rimap26.i A {VK}",
      "zen.spamhaus.org": nameserver.listed({})}
    def test_it(self):
        self.rdap.add("176.112.168.0/22", "VK-FRONT", "RU", ["EY1327-RIPE", "ORG-LLCn4-RIPE", "VKCOMPANY-MNT"])
        self.settings = {**self.settings, "maxmind": listed.MAXMIND}
        text = "\n" * 25 + "176.112.168.0/21    # reason=mail.ru"
        self.fresh({"ip_networks": text, "as_numbers mode=log": "\n" * 18 + "AS47764 # reason=mail.ru", "network_name": "MSFT"},
          **{"dnsbl spamhaus": {"zone": "zen.spamhaus.org", "codes": "127.0.0.2", "mode": "log"}})
        print(listed.control("explain", VK)[1])
        print(listed.control("explain", VK)[1])
        print(listed.control("registry", "check"))
        print(self.answer(VK, "mech=PLAIN", password=self.phone)); print(self.next_line())

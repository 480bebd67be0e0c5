// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/CurlOptions.h"

#include <QHash>
#include <QSet>
#include <QStringList>

namespace lathe {

namespace {
// Long names of the options that take a value (curl 8); of all others none is taken.
const QSet<QString> &optionsWithValue()
{
    static const QStringList names =
        QStringLiteral(
            "abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout connect-to continue-at "
            "cookie "
            "cookie-jar create-file-mode crlfile curves data data-ascii data-binary data-raw data-urlencode delegation dns-interface "
            "dns-ipv4-addr "
            "dns-ipv6-addr dns-servers doh-url dump-header ech egd-file engine etag-compare etag-save expect100-timeout form form-string "
            "ftp-account ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip header "
            "hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key key-type krb libcurl "
            "limit-rate "
            "local-port login-options mail-auth mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer "
            "output "
            "output-dir parallel-max pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert proxy-capath proxy-cert "
            "proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey "
            "proxy-service-name "
            "proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range rate "
            "referer request request-target resolve retry retry-delay retry-max-time sasl-authzid service-name sigalgs socks4 socks4a "
            "socks5 "
            "socks5-gssapi-service socks5-hostname speed-limit speed-time stderr telnet-option tftp-blksize time-cond tls-max "
            "tls13-ciphers "
            "tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket upload-file url url-query user user-agent variable "
            "vlan-priority write-out")
            .split(u' ');
    static const QSet<QString> set(names.begin(), names.end());
    return set;
}

// Those without a value that change nothing here.
const QSet<QString> &quietFlags()
{
    static const QStringList names = QStringLiteral("silent show-error verbose include show-headers fail fail-with-body fail-early "
                                                    "no-buffer buffer location compressed compressed-ssh http0.9 "
                                                    "http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only ipv4 ipv6 progress-bar "
                                                    "no-progress-meter remote-name remote-name-all "
                                                    "remote-header-name remote-time globoff tcp-nodelay tcp-fastopen no-keepalive "
                                                    "keepalive no-sessionid tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 "
                                                    "tlsv1.3 ssl sslv2 sslv3 ssl-reqd path-as-is post301 post302 post303 retry-all-errors "
                                                    "retry-connrefused create-dirs no-clobber styled-output "
                                                    "no-styled-output junk-session-cookies list-only append raw tr-encoding trace-time "
                                                    "trace-ids parallel parallel-immediate disable "
                                                    "basic no-alpn no-npn alpn ca-native ssl-no-revoke")
                                         .split(u' ');
    static const QSet<QString> set(names.begin(), names.end());
    return set;
}

} // namespace

QString curlOptionName(QChar letter)
{
    static const QHash<QChar, QString> names = [] {
        QHash<QChar, QString> map;
        const QStringList pairs =
            QStringLiteral(
                "A=user-agent a=append b=cookie B=use-ascii c=cookie-jar C=continue-at d=data D=dump-header e=referer E=cert f=fail F=form "
                "g=globoff "
                "G=get h=help H=header i=include I=head j=junk-session-cookies J=remote-header-name k=insecure K=config l=list-only "
                "L=location "
                "m=max-time M=manual n=netrc N=no-buffer o=output O=remote-name p=proxytunnel P=ftp-port q=disable Q=quote r=range "
                "R=remote-time "
                "s=silent S=show-error t=telnet-option T=upload-file u=user U=proxy-user v=verbose V=version w=write-out x=proxy X=request "
                "y=speed-time Y=speed-limit z=time-cond Z=parallel 0=http1.0 1=tlsv1 2=sslv2 3=sslv3 4=ipv4 6=ipv6 #=progress-bar :=next")
                .split(u' ');
        for (const QString &pair : pairs)
            map.insert(pair[0], pair.mid(2));
        return map;
    }();
    return names.value(letter);
}

QString curlOptionLoss(const QString &option)
{
    static const QHash<QString, QString> notes{
        {QStringLiteral("insecure"), QStringLiteral("-k is left out: certificates are always checked.")},
        {QStringLiteral("proxy"), QStringLiteral("The proxy is left out; set HTTPS_PROXY if one is needed.")},
        {QStringLiteral("socks5"), QStringLiteral("The proxy is left out; set HTTPS_PROXY if one is needed.")},
        {QStringLiteral("socks5-hostname"), QStringLiteral("The proxy is left out; set HTTPS_PROXY if one is needed.")},
        {QStringLiteral("proxy-user"), QStringLiteral("The proxy's user is left out.")},
        {QStringLiteral("cert"), QStringLiteral("Client certificates are not supported, so the one given is left out.")},
        {QStringLiteral("key"), QStringLiteral("Client certificates are not supported, so the key is left out.")},
        {QStringLiteral("cacert"), QStringLiteral("The certificates of this computer are used instead of --cacert.")},
        {QStringLiteral("resolve"), QStringLiteral("--resolve is left out: names are looked up as usual.")},
        {QStringLiteral("connect-to"), QStringLiteral("--connect-to is left out: names are looked up as usual.")},
        {QStringLiteral("unix-socket"), QStringLiteral("--unix-socket is left out: only servers of the network are reached.")},
        {QStringLiteral("config"), QStringLiteral("The options in the file of -K are left out: no file is read.")},
        {QStringLiteral("netrc"), QStringLiteral("Passwords of .netrc are left out: no file is read.")},
        {QStringLiteral("netrc-file"), QStringLiteral("Passwords of .netrc are left out: no file is read.")},
        {QStringLiteral("digest"), QStringLiteral("Digest sign-in is not supported; basic is used where a user is given.")},
        {QStringLiteral("ntlm"), QStringLiteral("NTLM sign-in is not supported.")},
        {QStringLiteral("negotiate"), QStringLiteral("Kerberos sign-in is not supported.")},
        {QStringLiteral("anyauth"), QStringLiteral("Basic sign-in is used where a user is given.")},
        {QStringLiteral("aws-sigv4"), QStringLiteral("Signatures of AWS are not supported, so the request will be refused.")},
        {QStringLiteral("max-time"), QStringLiteral("--max-time is left out; the limit of seconds is in the tool's settings.")},
        {QStringLiteral("range"), QStringLiteral("-r is left out; add a header Range if parts are wanted.")},
        {QStringLiteral("location-trusted"), QStringLiteral("Secrets are not sent on to other servers.")},
        {QStringLiteral("next"), QStringLiteral("Only the first of several requests is used.")},
    };
    return notes.value(option);
}

bool curlOptionTakesValue(const QString &name)
{
    return optionsWithValue().contains(name);
}

bool curlOptionIsQuiet(const QString &name)
{
    return quietFlags().contains(name);
}

} // namespace lathe

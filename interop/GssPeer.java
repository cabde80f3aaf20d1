import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.kerberos.KerberosTicket;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import org.ietf.jgss.ChannelBinding;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.MessageProp;
import org.ietf.jgss.Oid;

/**
 * The other head of a context: Java's GSS-API, told what to do over a loopback connection.
 *
 * <p>{@code java GssPeer.java PORT} speaks the frames of gss_peer.py, which documents them, and knows those of its commands
 * that Java's API has. KRB5_CONFIG names the configuration. Credentials come of one of two further commands:
 * {@code log-in PRINCIPAL PASSWORD} gets a first ticket through Krb5LoginModule and answers client, service and
 * enctype number of it; {@code take-keytab PRINCIPAL FILE} takes the keys to accept with. {@code version} answers Java's.
 */
public final class GssPeer {
    private static final GSSManager MANAGER = GSSManager.getInstance();
    /** The flags of RFC 2744 that Java has a question for. */
    private static final int DELEG = 1, MUTUAL = 2, REPLAY = 4, SEQUENCE = 8, CONF = 16, INTEG = 32, ANON = 64;

    private final Oid krb5 = new Oid("1.2.840.113554.1.2.2");
    private final Oid spnego = new Oid("1.3.6.1.5.5.2");
    private Subject subject = new Subject();
    private GSSContext context;

    private GssPeer() throws GSSException {}

    public static void main(String[] arguments) throws Exception {
        System.setProperty("java.security.krb5.conf", System.getenv("KRB5_CONFIG"));
        GssPeer peer = new GssPeer();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]))) {
            System.out.println("ready");
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            while (true) {
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                byte[] answer = joined(peer.answer(fields(frame)));
                out.writeInt(answer.length);
                out.write(answer);
                out.flush();
            }
        } catch (EOFException end) {
            // Whoever asked has what it wanted.
        }
    }

    private List<byte[]> answer(List<byte[]> request) {
        List<byte[]> answer = new ArrayList<>();
        try {
            answer.add(octets("ok"));
            answer.addAll(Subject.doAs(subject, (PrivilegedExceptionAction<List<byte[]>>) () -> command(request)));
            return answer;
        } catch (Exception exception) {
            Throwable cause = exception.getCause() == null ? exception : exception.getCause();
            int major = cause instanceof GSSException error ? error.getMajor() : 0;
            int minor = cause instanceof GSSException error ? error.getMinor() : 0;
            return List.of(
                    octets("error"),
                    octets(cause.getClass().getSimpleName()),
                    octets(String.valueOf(major)),
                    octets(Integer.toUnsignedString(minor)),
                    octets(String.valueOf(cause.getMessage())),
                    new byte[0]);
        }
    }

    private List<byte[]> command(List<byte[]> request) throws Exception {
        String name = text(request.get(0));
        List<byte[]> given = request.subList(1, request.size());
        return switch (name) {
            case "log-in" -> logIn(text(given.get(0)), text(given.get(1)));
            case "take-keytab" -> takeKeytab(text(given.get(0)), text(given.get(1)));
            case "initiate" -> initiate(text(given.get(0)), number(given.get(1)), text(given.get(2)), given.get(3));
            case "accept" -> accept(given.get(0));
            case "step" -> step(given.get(0));
            case "inquire" -> inquire();
            case "wrap" -> List.of(wrap(flag(given.get(0)), given.get(1)));
            case "unwrap" -> unwrap(given.get(0));
            case "get-mic" -> List.of(context.getMIC(given.get(0), 0, given.get(0).length, new MessageProp(0, false)));
            case "version" -> List.of(octets(System.getProperty("java.specification.version")));
            case "verify-mic" -> verifyMic(given.get(0), given.get(1));
            default -> throw new IOException("no command " + name);
        };
    }

    private List<byte[]> logIn(String principal, String password) throws Exception {
        logIn(Map.of("principal", principal), principal, password);
        for (KerberosTicket ticket : subject.getPrivateCredentials(KerberosTicket.class)) {
            return List.of(
                    octets(ticket.getClient().getName()),
                    octets(ticket.getServer().getName()),
                    octets(String.valueOf(ticket.getSessionKeyType())));
        }
        throw new IOException("no ticket");
    }

    private List<byte[]> takeKeytab(String principal, String file) throws Exception {
        logIn(
                Map.of(
                        "principal", principal,
                        "keyTab", file,
                        "useKeyTab", "true",
                        "storeKey", "true",
                        "isInitiator", "false",
                        "doNotPrompt", "true"),
                principal,
                "");
        return List.of();
    }

    private void logIn(Map<String, String> options, String principal, String password) throws Exception {
        Map<String, String> all = new HashMap<>(options);
        all.put("refreshKrb5Config", "true");
        Configuration configuration =
                new Configuration() {
                    @Override
                    public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
                        return new AppConfigurationEntry[] {
                            new AppConfigurationEntry(
                                    "com.sun.security.auth.module.Krb5LoginModule",
                                    AppConfigurationEntry.LoginModuleControlFlag.REQUIRED,
                                    all)
                        };
                    }
                };
        Subject fresh = new Subject();
        LoginContext login =
                new LoginContext("", fresh, callbacks -> tell(callbacks, principal, password), configuration);
        login.login();
        subject = fresh;
    }

    private static void tell(Callback[] callbacks, String principal, String password) {
        for (Callback callback : callbacks) {
            if (callback instanceof NameCallback name) {
                name.setName(principal);
            } else if (callback instanceof PasswordCallback secret) {
                secret.setPassword(password.toCharArray());
            }
        }
    }

    private List<byte[]> initiate(String mechanism, int flags, String target, byte[] bindings) throws GSSException {
        Oid mech = mechanism.equals("spnego") ? spnego : krb5;
        GSSName peer = MANAGER.createName(target, GSSName.NT_HOSTBASED_SERVICE);
        context = MANAGER.createContext(peer, mech, null, GSSContext.DEFAULT_LIFETIME);
        context.requestCredDeleg((flags & DELEG) != 0);
        context.requestMutualAuth((flags & MUTUAL) != 0);
        context.requestReplayDet((flags & REPLAY) != 0);
        context.requestSequenceDet((flags & SEQUENCE) != 0);
        context.requestConf(true);
        context.requestInteg(true);
        bind(bindings);
        return List.of();
    }

    private List<byte[]> accept(byte[] bindings) throws GSSException {
        Oid[] mechs = {krb5, spnego};
        GSSCredential credential =
                MANAGER.createCredential(null, GSSCredential.INDEFINITE_LIFETIME, mechs, GSSCredential.ACCEPT_ONLY);
        context = MANAGER.createContext(credential);
        bind(bindings);
        return List.of();
    }

    private void bind(byte[] bindings) throws GSSException {
        if (bindings.length > 0) {
            context.setChannelBinding(new ChannelBinding(bindings));
        }
    }

    private List<byte[]> step(byte[] token) throws GSSException {
        byte[] next =
                context.isInitiator()
                        ? context.initSecContext(token, 0, token.length)
                        : context.acceptSecContext(token, 0, token.length);
        return List.of(octets(context.isEstablished() ? "done" : "more"), next == null ? new byte[0] : next);
    }

    private List<byte[]> inquire() throws GSSException {
        int flags =
                (context.getCredDelegState() ? DELEG : 0)
                        | (context.getMutualAuthState() ? MUTUAL : 0)
                        | (context.getReplayDetState() ? REPLAY : 0)
                        | (context.getSequenceDetState() ? SEQUENCE : 0)
                        | (context.getConfState() ? CONF : 0)
                        | (context.getIntegState() ? INTEG : 0)
                        | (context.getAnonymityState() ? ANON : 0);
        return List.of(
                octets(context.getSrcName().toString()),
                octets(context.getTargName().toString()),
                octets(Integer.toUnsignedString(context.getLifetime())),
                octets(context.getMech().toString()),
                octets(String.valueOf(flags)),
                octets(context.isEstablished() ? "1" : "0"));
    }

    private byte[] wrap(boolean confidential, byte[] message) throws GSSException {
        return context.wrap(message, 0, message.length, new MessageProp(0, confidential));
    }

    private List<byte[]> unwrap(byte[] token) throws GSSException {
        MessageProp said = new MessageProp(0, false);
        byte[] message = context.unwrap(token, 0, token.length, said);
        require(said);
        return List.of(message, octets(said.getPrivacy() ? "1" : "0"));
    }

    private List<byte[]> verifyMic(byte[] message, byte[] mic) throws GSSException {
        MessageProp said = new MessageProp(0, false);
        context.verifyMIC(mic, 0, mic.length, message, 0, message.length, said);
        require(said);
        return List.of();
    }

    /** What is out of sequence is refused, as gss_peer.py does. */
    private static void require(MessageProp said) throws GSSException {
        if (said.isDuplicateToken() || said.isOldToken() || said.isUnseqToken() || said.isGapToken()) {
            throw new GSSException(GSSException.GAP_TOKEN);
        }
    }

    private static List<byte[]> fields(byte[] frame) throws IOException {
        List<byte[]> fields = new ArrayList<>();
        DataInputStream in = new DataInputStream(new java.io.ByteArrayInputStream(frame));
        while (in.available() > 0) {
            byte[] field = new byte[in.readInt()];
            in.readFully(field);
            fields.add(field);
        }
        return fields;
    }

    private static byte[] joined(List<byte[]> fields) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(frame);
        for (byte[] field : fields) {
            out.writeInt(field.length);
            out.write(field);
        }
        return frame.toByteArray();
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.UTF_8);
    }

    private static int number(byte[] octets) {
        return Integer.parseUnsignedInt(text(octets));
    }

    private static boolean flag(byte[] octets) {
        return text(octets).equals("1");
    }
}

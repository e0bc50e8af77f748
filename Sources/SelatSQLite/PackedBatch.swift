import CLZ4
import SelatScheme
import SelatStorage

/// A logged batch as it stands in the table: one LZ4 block, with a dictionary before it so that
/// a batch of a single message packs well too, and a check sum over the block. Large batches are
/// packed without the dictionary and unpacked with it, as a block need not refer to it.
///
/// SAFETY: LZ4 writes to the buffer it is given and nowhere else; all calls get its true size. The
/// stream refers to the dictionary, an array that lives as long as the process and never changes,
/// and so stays where it is.
@safe
struct PackedBatch {
    let size: Int
    let checkSum: UInt64
    let block: [UInt8]

    /// Packs a batch's bytes into `block` and answers the check sum over it.
    static func pack(_ bytes: UnsafeRawBufferPointer, into block: inout BatchWriter) -> UInt64 {
        block.removeAll()
        let bound = Int(LZ4_compressBound(Int32(bytes.count)))
        unsafe block.append(atMost: bound) { buffer in
            let written = unsafe stream.withUnsafeBytes { stream in
                unsafe selat_lz4_pack(
                    stream.baseAddress,
                    bytes.baseAddress,
                    Int32(bytes.count),
                    buffer.baseAddress,
                    Int32(buffer.count)
                )
            }
            precondition(written > 0, "LZ4 fits any batch into the bound it names")
            return Int(written)
        }
        return unsafe block.withBytes { block in unsafe sum(block) }
    }

    init(size: Int, checkSum: UInt64, block: [UInt8]) {
        self.size = size
        self.checkSum = checkSum
        self.block = block
    }

    /// The largest batch that is believed: above any that the limits of a node allow.
    private static let largest = 1 << 30

    /// The bytes that were packed; `nil` when the block is damaged.
    func unpacked() -> [UInt8]? {
        guard size > 0, size <= PackedBatch.largest,
            PackedBatch.sum(of: block) == checkSum
        else { return nil }
        let dictionary = PackedBatch.dictionary
        var read: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            read = unsafe block.withUnsafeBytes { block in
                unsafe dictionary.withUnsafeBytes { dictionary in
                    unsafe LZ4_decompress_safe_usingDict(
                        block.baseAddress,
                        buffer.baseAddress,
                        Int32(block.count),
                        Int32(buffer.count),
                        dictionary.baseAddress,
                        Int32(dictionary.count)
                    )
                }
            }
            count = max(Int(read), 0)
        }
        return Int(read) == size ? bytes : nil
    }

    /// The check sum over a packed block.
    static func sum(of block: [UInt8]) -> UInt64 {
        unsafe block.withUnsafeBytes { unsafe sum($0) }
    }

    /// Finds what a disk damages, not what somebody forges.
    private static func sum(_ block: UnsafeRawBufferPointer) -> UInt64 {
        var digest = DigestWriter()
        unsafe digest.feed(littleEndian: block)
        return digest.digest.low
    }

    /// A stream that has read the dictionary.
    private static let stream = unsafe [UInt64](
        unsafeUninitializedCapacity: Int(SELAT_LZ4_STREAM_SIZE) / MemoryLayout<UInt64>.size
    ) { words, count in
        unsafe dictionary.withUnsafeBytes { dictionary in
            unsafe selat_lz4_read(
                words.baseAddress,
                dictionary.baseAddress,
                Int32(dictionary.count)
            )
        }
        count = Int(SELAT_LZ4_STREAM_SIZE) / MemoryLayout<UInt64>.size
    }

    /// What the documents of a payment have in common. Part of the format: never edited.
    static let dictionary = Array(
        """
        <?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:\
        pacs.002.001.15"><FIToFIPmtStsRpt><GrpHdr><MsgId></MsgId><CreDtTm></CreDtTm></GrpHdr>\
        <TxInfAndSts><OrgnlGrpInf><OrgnlMsgId></OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.13\
        </OrgnlMsgNmId></OrgnlGrpInf><OrgnlInstrId></OrgnlInstrId><OrgnlEndToEndId>NOTPROVIDED\
        </OrgnlEndToEndId><OrgnlTxId></OrgnlTxId><OrgnlUETR></OrgnlUETR><TxSts>RJCT</TxSts>\
        <TxSts>ACCC</TxSts><StsRsnInf><Rsn><Cd></Cd></Rsn></StsRsnInf><AccptncDtTm></AccptncDtTm>\
        <PrcgDt><DtTm></DtTm></PrcgDt><ClrSysRef></ClrSysRef><InstgAgt><FinInstnId><BICFI></BICFI>\
        </FinInstnId></InstgAgt><InstdAgt><FinInstnId><BICFI></BICFI></FinInstnId></InstdAgt>\
        </TxInfAndSts></FIToFIPmtStsRpt></Document><?xml version="1.0" encoding="UTF-8"?>\
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.13"><FIToFICstmrCdtTrf>\
        <GrpHdr><MsgId></MsgId><CreDtTm></CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG\
        </SttlmMtd><ClrSys><Prtry></Prtry></ClrSys></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId>\
        <InstrId></InstrId><EndToEndId>NOTPROVIDED</EndToEndId><UETR></UETR><ClrSysRef>\
        </ClrSysRef></PmtId><PmtTpInf><InstrPrty>NORM</InstrPrty></PmtTpInf><InstrPrty>HIGH\
        </InstrPrty><IntrBkSttlmAmt Ccy="THB"></IntrBkSttlmAmt><IntrBkSttlmAmt Ccy="SGD">\
        </IntrBkSttlmAmt><IntrBkSttlmDt></IntrBkSttlmDt><AddtlDtTm><AccptncDtTm></AccptncDtTm>\
        </AddtlDtTm><InstdAmt Ccy="SGD"></InstdAmt><AgrdRate><UnitCcy></UnitCcy><QtdCcy></QtdCcy>\
        <PreAgrdXchgRate></PreAgrdXchgRate><QtId></QtId></AgrdRate><ChrgBr>SHAR</ChrgBr><ChrgsInf>\
        <Amt Ccy=""></Amt><Agt><FinInstnId><BICFI></BICFI><LEI></LEI></FinInstnId></Agt></ChrgsInf>\
        <PrvsInstgAgt1><FinInstnId><BICFI></BICFI></FinInstnId></PrvsInstgAgt1><PrvsInstgAgt1Acct>\
        <Id><Othr><Id></Id></Othr></Id></PrvsInstgAgt1Acct><InstgAgt><FinInstnId><BICFI></BICFI>\
        </FinInstnId></InstgAgt><InstdAgt><FinInstnId><BICFI></BICFI></FinInstnId></InstdAgt>\
        <IntrmyAgt1><FinInstnId><BICFI></BICFI></FinInstnId></IntrmyAgt1><IntrmyAgt1Acct><Id><Othr>\
        <Id></Id></Othr></Id></IntrmyAgt1Acct><IntrmyAgt2><FinInstnId><BICFI></BICFI></FinInstnId>\
        </IntrmyAgt2><IntrmyAgt2Acct><Id><Othr><Id></Id></Othr></Id></IntrmyAgt2Acct><Dbtr><Nm>\
        </Nm><PstlAdr><StrtNm></StrtNm><PstCd></PstCd><TwnNm></TwnNm><Ctry></Ctry></PstlAdr></Dbtr>\
        <DbtrAcct><Id><Othr><Id></Id></Othr></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI></BICFI>\
        <LEI></LEI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI></BICFI></FinInstnId>\
        </CdtrAgt><Cdtr><Nm></Nm><PstlAdr><Ctry></Ctry></PstlAdr></Cdtr><CdtrAcct><Id><Othr><Id>\
        </Id></Othr></Id></CdtrAcct></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>
        """.utf8
    )
}

extension DigestWriter {
    /// Bytes, eight at a time.
    fileprivate mutating func feed(littleEndian bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            feed(UInt64(littleEndian: word))
            offset += 8
        }
        while offset < bytes.count {
            feed(UInt64(unsafe bytes[offset]))
            offset += 1
        }
        feed(UInt64(bytes.count))
    }
}

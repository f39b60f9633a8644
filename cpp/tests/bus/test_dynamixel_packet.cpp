#include "handloop/bus/dynamixel_packet.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "handloop/bus/dynamixel_request.hpp"
#include "wire_support.hpp"

namespace handloop::testing::dynamixel_packet {
namespace {

using namespace bus::dynamixel;
using bus::Bytes;
using bus::crc16;
using bus::Registers;

TEST_CASE("the checksum is CRC-16/BUYPASS, in one piece or several") {
  const Octets text = hex("31 32 33 34 35 36 37 38 39");
  CHECK(crc16(text) == 0xFEE8);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CHECK(crc16(Bytes(text).subspan(cut), crc16(Bytes(text).first(cut))) == 0xFEE8);
  }
}

// e-Manual, "Instruction Details", one example each.
TEST_CASE("requests are those of the manual") {
  PacketWriter w;
  const auto same = [](Bytes ours, const char* manual) { CHECK(octets(ours) == hex(manual)); };
  same(ping(w, 1), "FFFFFD00 01 0300 01 194E");
  same(ping(w, kBroadcast), "FFFFFD00 FE 0300 01 3142");
  same(read(w, {1, 132, 4, {}}), "FFFFFD00 01 0700 02 84000400 1D15");
  same(read(w, {1, 0x2B, 2, {}}), "FFFFFD00 01 0700 02 2B000200 2ECD");
  const Octets goal = hex("00020000"), speed = hex("C8000000");
  same(write(w, {1, 116, 4, goal}), "FFFFFD00 01 0900 03 740000020000 CA89");
  same(reg_write(w, {1, 104, 4, speed}), "FFFFFD00 01 0900 04 6800C8000000 AE8E");
  same(action(w, 1), "FFFFFD00 01 0300 05 02CE");
  same(factory_reset(w, 1, FactoryReset::kAllButId), "FFFFFD00 01 0400 06 01 A1E6");
  same(reboot(w, 1), "FFFFFD00 01 0300 08 2F4E");
  same(clear_turns(w, 1), "FFFFFD00 01 0800 10 014458 4C22 B1DC");
  const Registers both[] = {{1, 132, 4, {}}, {2, 132, 4, {}}};
  const Registers three[] = {{3, 132, 4, {}}, {7, 132, 4, {}}, {4, 132, 4, {}}};
  same(sync_read(w, both), "FFFFFD00 FE 0900 82 840004000102 CEFA");
  same(sync_read(w, three, true), "FFFFFD00 FE 0A00 8A 84000400 030704 20F2");
  const Octets first = hex("96000000"), second = hex("AA000000");
  const Registers goals[] = {{1, 116, 4, first}, {2, 116, 4, second}};
  same(sync_write(w, goals), "FFFFFD00 FE 1100 83 74000400 0196000000 02AA000000 8287");
  const Registers mixed[] = {{1, 144, 2, {}}, {2, 146, 1, {}}};
  same(bulk_read(w, mixed), "FFFFFD00 FE 0D00 92 0190000200 0292000100 1A05");
  const Octets voltage = hex("A000"), temperature = hex("50");
  const Registers writes[] = {{1, 32, 2, voltage}, {2, 31, 1, temperature}};
  same(bulk_write(w, writes), "FFFFFD00 FE 1000 93 0120000200A000 021F00010050 B768");
}

TEST_CASE("answers of the manual are read") {
  Parser parser;
  const auto feed = [&](const char* text) {
    parser.queue().push(hex(text));
    const auto packet = parser.next();
    REQUIRE(packet);
    CHECK(packet->is_status());
    CHECK(packet->error() == Error::kNone);
    CHECK_FALSE(packet->alert());
    return std::pair(int{packet->id}, octets(packet->data()));
  };
  CHECK(feed("FFFFFD00 01 0700 55 00 060426 655D") == std::pair(1, hex("060426")));
  CHECK(feed("FFFFFD00 01 0800 55 00 A6000000 8CC0") == std::pair(1, hex("A6000000")));
  CHECK(feed("FFFFFD00 01 0400 55 00 A10C") == std::pair(1, Octets{}));
  CHECK(feed("FFFFFD00 02 0800 55 00 1F080000 BABE") == std::pair(2, hex("1F080000")));
}

TEST_CASE("the error's number and the alert are told apart") {
  PacketWriter w;
  Parser parser;
  parser.queue().push(status(w, 9, kAlert | 7));
  const auto packet = parser.next();
  REQUIRE(packet);
  CHECK(packet->error() == Error::kAccess);
  CHECK(packet->alert());
}

Octets round_trip(const Octets& payload, PacketWriter& w, Parser& parser) {
  const Bytes sent = w.begin(1, Instruction::kWrite).put(payload).end();
  // Nothing behind the length looks like a header.
  const auto body = sent.subspan(kHeaderSize, sent.size() - kHeaderSize - 2);
  for (std::size_t i = 0; i + 3 < body.size(); ++i) {
    const bool header = body[i] == 0xFF && body[i + 1] == 0xFF && body[i + 2] == 0xFD;
    if (header) REQUIRE(body[i + 3] == 0xFD);
  }
  REQUIRE(parser.queue().push(sent));
  const auto packet = parser.next();
  REQUIRE(packet);
  return octets(packet->parameters);
}

TEST_CASE("stuffing is undone exactly, for every short payload") {
  constexpr std::uint8_t kAlphabet[] = {0xFF, 0xFD, 0x00};
  PacketWriter w;
  Parser parser;
  for (std::size_t size = 0; size <= 8; ++size) {
    std::size_t cases = 1;
    for (std::size_t i = 0; i < size; ++i) cases *= 3;
    for (std::size_t n = 0; n < cases; ++n) {
      Octets payload(size);
      for (std::size_t i = 0, rest = n; i < size; ++i, rest /= 3) payload[i] = kAlphabet[rest % 3];
      REQUIRE(round_trip(payload, w, parser) == payload);
    }
  }
  // The vendor's Python sends this one without its stuffing, and loses bytes of the next.
  const Octets lost = hex("FFFFFD010203");
  CHECK(octets(write(w, {1, 102, 6, lost}))[13] == 0xFD);
  CHECK(round_trip(hex("FFFFFDFFFDFD"), w, parser) == hex("FFFFFDFFFDFD"));
}

TEST_CASE("stuffing is undone exactly, for long random payloads") {
  Random random(5);
  PacketWriter w;
  Parser parser;
  for (int n = 0; n < 2000; ++n) {
    const Octets payload = random_octets(random, below(random, 300));
    REQUIRE(round_trip(payload, w, parser) == payload);
  }
}

TEST_CASE("a request that cannot be sent is empty") {
  PacketWriter w;
  const Octets long_data(kMaxPacket, 0);
  CHECK(write(w, {1, 0, 0, long_data}).empty());
  const Registers without_data[] = {{1, 116, 4, {}}}, mixed[] = {{1, 116, 4, {}}, {2, 116, 2, {}}};
  CHECK(sync_write(w, without_data).empty());
  CHECK(sync_read(w, mixed).empty());
  CHECK(sync_read(w, {}).empty());
  CHECK_FALSE(ping(w, 1).empty());
}

TEST_CASE("packets are found in noise, in pieces and behind a damaged length") {
  PacketWriter w;
  const Octets good = octets(status(w, 7, 0, hex("FFFFFD11")));
  Octets stream = hex("FF FF FD FF FF 00 12 FF FF FD 00 07 30 00");  // ends in a false begin
  stream.insert(stream.end(), good.begin(), good.end());
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, stream.size()}) {
    Parser parser;
    parser.expect_at_most(200);
    int found = 0;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      parser.queue().push(Bytes(stream).subspan(at, std::min(piece, stream.size() - at)));
      found += parser.next() ? 1 : 0;
    }
    CHECK(found == 0);  // the false begin asks for more
    const auto packet = parser.next(true);
    REQUIRE(packet);
    CHECK(packet->id == 7);
    CHECK(octets(packet->data()) == hex("FFFFFD11"));
    CHECK_FALSE(parser.next(true));
  }
}

TEST_CASE("a damaged packet costs itself alone, and is never taken for a good one") {
  Random random(6);
  PacketWriter w;
  Octets stream;
  constexpr int kPackets = 22;
  for (int id = 0; id < kPackets; ++id) {
    const Octets p = octets(status(w, static_cast<std::uint8_t>(id), 0, random_octets(random, 10)));
    stream.insert(stream.end(), p.begin(), p.end());
  }
  for (std::size_t bit = 0; bit < 8 * stream.size(); ++bit) {
    Octets damaged = stream;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    Parser parser;
    parser.queue().push(damaged);
    int good = 0;
    while (parser.next(true)) ++good;
    REQUIRE(good == kPackets - 1);
  }
}

TEST_CASE("of packets with random bytes in them no more are accepted than the checksum lets pass") {
  Random random(9);
  PacketWriter w;
  constexpr int kTrials = 300'000;  // 4.6 accepted if each has a chance of 2^-16
  int accepted = 0;
  for (int n = 0; n < kTrials; ++n) {
    Octets packet = octets(status(w, 7, 0, hex("A6000000 11220000")));
    for (std::size_t at = kHeaderSize; at < packet.size(); ++at) {
      packet[at] = static_cast<std::uint8_t>(below(random, 256));
    }
    accepted += Format::open(packet) ? 1 : 0;
  }
  CHECK(accepted > 0);
  CHECK(accepted < 15);
}

}  // namespace
}  // namespace handloop::testing::dynamixel_packet

#include "handloop/bus/feetech_packet.hpp"

#include <doctest/doctest.h>

#include "wire_support.hpp"

namespace handloop::testing::feetech_packet {
namespace {

using namespace bus::feetech;
using bus::Bytes;

// Feetech, "Communication protocol user manual", sections 1.3.1 to 1.3.6.
TEST_CASE("requests are those of the manual") {
  PacketWriter w;
  const auto same = [](Bytes ours, const char* manual) { CHECK(octets(ours) == hex(manual)); };
  same(ping(w, 1), "FF FF 01 02 01 FB");
  same(read(w, 1, 0x38, 2), "FF FF 01 04 02 38 02 BE");
  same(write(w, 0xFE, 0x05, hex("01")), "FF FF FE 04 03 05 01 F4");
  same(write(w, 1, 0x2A, hex("0008 0000 E803")), "FF FF 01 09 03 2A 00 08 00 00 E8 03 D5");
  same(sync_read(w, 0x38, 8, hex("0102")), "FF FF FE 06 82 38 08 01 02 36");
  same(sync_write(w, 0x2A, 6, hex("01020304"),
                  hex("00080000E803 00080000E803 00080000E803 00080000E803")),
       "FF FF FE 20 83 2A 06 01 00 08 00 00 E8 03 02 00 08 00 00 E8 03 03 00 08 00 00 E8 03 "
       "04 00 08 00 00 E8 03 58");
}

TEST_CASE("answers of the manual are read") {
  Parser parser;
  parser.queue().push(hex("FF FF 01 02 00 FC  FF FF 01 04 00 18 05 DD"));
  auto packet = parser.next();
  REQUIRE(packet);
  CHECK(packet->id == 1);
  CHECK(packet->code == 0);
  CHECK(packet->parameters.empty());
  packet = parser.next();
  REQUIRE(packet);
  CHECK(octets(packet->parameters) == hex("1805"));
}

TEST_CASE("what is written is read, whatever stands before it") {
  Random random(7);
  PacketWriter w;
  for (int n = 0; n < 2000; ++n) {
    const Octets payload = random_octets(random, below(random, 250));
    Parser parser;
    parser.queue().push(status(w, 3, kOverload, payload));
    const auto packet = parser.next();
    REQUIRE(packet);
    CHECK(packet->id == 3);
    CHECK(packet->code == kOverload);
    REQUIRE(octets(packet->parameters) == payload);
  }
  Parser parser;
  parser.queue().push(hex("FF FF FF 12 FF FF 01"));
  parser.queue().push(ping(w, 9));
  const auto packet = parser.next(true);
  REQUIRE(packet);
  CHECK(packet->id == 9);
}

TEST_CASE("a packet that is too long is not sent") {
  PacketWriter w;
  CHECK(write(w, 1, 0, Octets(252, 0)).size() == kMaxPacket);
  CHECK(write(w, 1, 0, Octets(253, 0)).empty());
}

}  // namespace
}  // namespace handloop::testing::feetech_packet

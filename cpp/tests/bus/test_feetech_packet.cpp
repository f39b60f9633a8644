#include "handloop/bus/feetech_packet.hpp"

#include <doctest/doctest.h>

#include "wire_support.hpp"

namespace handloop::testing::feetech_packet {
namespace {

using namespace bus::feetech;
using bus::Bytes;
using bus::Registers;

// Feetech, "Communication protocol user manual", sections 1.3.1 to 1.3.6.
TEST_CASE("requests are those of the manual") {
  PacketWriter w;
  const auto same = [](Bytes ours, const char* manual) { CHECK(octets(ours) == hex(manual)); };
  same(ping(w, 1), "FF FF 01 02 01 FB");
  same(read(w, {1, 0x38, 2, {}}), "FF FF 01 04 02 38 02 BE");
  const Octets id = hex("01"), goal = hex("0008 0000 E803");
  same(write(w, {kBroadcast, 0x05, 1, id}), "FF FF FE 04 03 05 01 F4");
  same(write(w, {1, 0x2A, 6, goal}), "FF FF 01 09 03 2A 00 08 00 00 E8 03 D5");
  const Registers reads[] = {{1, 0x38, 8, {}}, {2, 0x38, 8, {}}};
  same(sync_read(w, reads), "FF FF FE 06 82 38 08 01 02 36");
  const Registers goals[] = {
      {1, 0x2A, 6, goal}, {2, 0x2A, 6, goal}, {3, 0x2A, 6, goal}, {4, 0x2A, 6, goal}};
  same(sync_write(w, goals),
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

TEST_CASE("a request that cannot be sent is empty") {
  PacketWriter w;
  const Octets most(252, 0), more(253, 0);
  CHECK(write(w, {1, 0, 252, most}).size() == kMaxPacket);
  CHECK(write(w, {1, 0, 253, more}).empty());
  CHECK(read(w, {1, 300, 2, {}}).empty());
  CHECK(read(w, {1, 0, 300, {}}).empty());
}

}  // namespace
}  // namespace handloop::testing::feetech_packet

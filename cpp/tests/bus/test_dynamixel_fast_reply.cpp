#include "handloop/bus/dynamixel_fast_reply.hpp"

#include <doctest/doctest.h>

#include "wire_support.hpp"

namespace handloop::testing::dynamixel_fast_reply {
namespace {

using namespace bus::dynamixel;
using bus::Bytes;

// e-Manual, "Fast Sync Read".
const Octets kManual =
    hex("FFFFFD00 FE 1900 55  00 03 A6000000 8408  00 07 1F080000 16CA  00 04 FF030000 D19E");
constexpr std::size_t kServos = 3, kData = 4, kPart = fast_part_size(kData);

// The ids whose parts are there and whole.
Octets read(Bytes bytes) {
  FastReply reply;
  Octets ids;
  if (!reply.begin(bytes, fast_reply_length(kServos, kData))) return ids;
  for (std::size_t i = 0; i < kServos && reply.arrived(bytes, kData); ++i) {
    if (const auto part = reply.next(bytes, kData)) ids.push_back(part->id);
  }
  return ids;
}

TEST_CASE("the answer of the manual is read") {
  FastReply reply;
  REQUIRE(reply.begin(kManual, fast_reply_length(kServos, kData)));
  const auto part = reply.next(kManual, kData);
  REQUIRE(part);
  CHECK(part->id == 3);
  CHECK(part->error == Error::kNone);
  CHECK_FALSE(part->alert);
  CHECK(octets(part->data) == hex("A6000000"));
  CHECK(read(kManual) == hex("030704"));
}

TEST_CASE("the answer of another request is not taken") {
  FastReply reply;
  CHECK_FALSE(reply.begin(kManual, fast_reply_length(kServos + 1, kData)));
  CHECK(reply.overtaken());
}

TEST_CASE("the answer behind one to another request is found, and one behind its own request") {
  for (const char* front : {"FFFFFD00 FE 1200 55", "FFFFFD00 FE 0A00 8A 84000400 030704 20F2"}) {
    Octets bytes = hex(front);
    bytes.insert(bytes.end(), kManual.begin(), kManual.end());
    CHECK(read(bytes) == hex("030704"));
    FastReply reply;
    CHECK(reply.begin(bytes, fast_reply_length(kServos, kData)));
    CHECK(reply.overtaken() == (hex(front).at(7) == 0x55));
  }
}

TEST_CASE("servos before a silent one keep their data") {
  for (std::size_t size = 0; size <= kManual.size(); ++size) {
    const std::size_t whole = size < kFastHeaderSize ? 0 : (size - kFastHeaderSize) / kPart;
    CHECK(read(Bytes(kManual).first(size)) == octets(Bytes(hex("030704")).first(whole)));
  }
}

TEST_CASE("a flipped bit costs the part that it hits, and the next where it hits the checksum") {
  for (std::size_t bit = 8 * kFastHeaderSize; bit < 8 * kManual.size(); ++bit) {
    Octets damaged = kManual;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    const std::size_t hit = (bit / 8 - kFastHeaderSize) / kPart;
    const bool in_checksum = (bit / 8 - kFastHeaderSize) % kPart >= kPart - 2;
    Octets left;
    for (std::size_t i = 0; i < kServos; ++i) {
      if (i != hit && !(in_checksum && i == hit + 1)) left.push_back(hex("030704")[i]);
    }
    REQUIRE(read(damaged) == left);
  }
}

}  // namespace
}  // namespace handloop::testing::dynamixel_fast_reply
